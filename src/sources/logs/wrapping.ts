// What tools put before a line of a log that was copied around: grep's names and numbers, quotes, prefixes of kubectl. Pure.

const WRAPPINGS: readonly RegExp[] = [
  /^(?:> ?)+(?=\S)/, // a mail, or an issue
  /^[ \t]+(?:\d+[ \t]+)?(?=\S)/, // indented; less -N, cat -n
  /^\d+[:-](?=\D)/, // grep -n
  /^(?:\.{0,2}\/)?[\w.@+-]*(?:\/[\w.@+-]+)+[:-](?:\d+[:-])?(?=[[<A-Z\d])/, // grep -H: /var/log/messages:Nov 23 …
  /^(?:messages|syslog|kern\.log|dmesg|console)[\w.-]*[:-](?:\d+[:-])?(?=[[<A-Z\d])/, // the same in their own folder
  /^\[pod\/[^\]\s]+\] /, // kubectl logs --prefix
]

/** A line without its wrapping, each in turn; nothing when it has none. The caller knows which of them makes sense. */
export function unwrapped(line: string): readonly string[] {
  return WRAPPINGS.flatMap(pattern => {
    const found = pattern.exec(line)
    return found ? [line.slice(found[0].length)] : []
  })
}
