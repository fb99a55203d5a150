// Bodies of answers: many requests for one text share its bytes, so that a client that sends thousands costs no memory for each.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)
const LEVEL = 4
const MAX_TEXTS = 4 // both formats, while one sample follows another

interface Bodies {
  readonly plain: Buffer
  gzip?: Promise<Buffer>
}

/** The bytes of the last texts. */
export class BodyCache {
  private readonly byText = new Map<string, Bodies>()

  async get(text: string, isGzip: boolean): Promise<Buffer> {
    const bodies = this.byText.get(text) ?? this.add(text)
    if (!isGzip) return bodies.plain
    bodies.gzip ??= compress(bodies.plain, { level: LEVEL })
    return bodies.gzip
  }

  private add(text: string): Bodies {
    const bodies = { plain: Buffer.from(text) }
    this.byText.set(text, bodies)
    for (const oldest of this.byText.keys()) if (this.byText.size > MAX_TEXTS) this.byText.delete(oldest)
    return bodies
  }
}
