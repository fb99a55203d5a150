// What tools put before a line of a log that was copied around: grep's names and numbers, quotes, prefixes of kubectl. Pure.

const PREFIXES: readonly RegExp[] = [
  /^(?:> ?)+(?=\S)/, // a mail, or an issue
  /^[ \t]+(?:\d+[ \t]+)?(?=\S)/, // indented; less -N, cat -n
  /^\d+[:-](?=\D)/, // grep -n
  /^(?:\.{0,2}\/)?[\w.@+-]*(?:\/[\w.@+-]+)+[:-](?:\d+[:-])?(?=[[<A-Z\d])/, // grep -H: /var/log/messages:Nov 23 …
  /^(?:messages|syslog|kern\.log|dmesg|console)[\w.-]{0,100}[:-](?:\d{1,12}[:-])?(?=[[<A-Z\d])/, // the same in their own folder
  /^\[pod\/[^\]\s]+\] /, // kubectl logs --prefix
  // anything short before the kernel's own stamp: node-7 | [ 1234.567890] text; the end of a line that a console tore
  /^[^[\]"{]{1,80}?(?=(?:<\d+>)?\[ *\d+\.\d{6}\](?:\[| {1,2}\S))/,
]

/** A line without its wrapping, each in turn; nothing when it has none. The caller knows which of them makes sense. */
export function stripPrefixes(line: string): readonly string[] {
  return PREFIXES.flatMap(pattern => {
    const found = pattern.exec(line)
    return found ? [line.slice(found[0].length)] : []
  })
}
