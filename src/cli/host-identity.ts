// Who this host is, in words: asked once, after the first frame, because it starts other programs.

/** Distribution, virtualisation and processors, from systeminformation; empty when it cannot tell. */
export async function readIdentity(): Promise<string> {
  try {
    const { osInfo, system, cpu } = await import('systeminformation')
    const [os, machine, processor] = await Promise.all([osInfo(), system(), cpu()])
    const virtual = machine.virtual
      ? `virtual${machine.virtualHost ? ` (${machine.virtualHost})` : ''}`
      : [machine.manufacturer, machine.model].filter(Boolean).join(' ')
    return [`${os.distro} ${os.release}`.trim(), virtual, `${processor.cores} CPUs`].filter(Boolean).join(' · ')
  } catch {
    return ''
  }
}
