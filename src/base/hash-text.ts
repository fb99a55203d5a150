// A number for a text, by which a changed text is told from an unchanged one without keeping it.

/**
 * Returns 53 bits of a hash (cyrb53, in the public domain). Two words take in each character by a xor and a multiplication, and are
 * mixed at the end as in MurmurHash3. The kernel's numbers do not try to collide; for texts that do, it is the wrong hash.
 */
export function hashText(text: string): number {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    low = Math.imul(low ^ code, 0x9e3779b1)
    high = Math.imul(high ^ code, 0x5f356495)
  }
  const mixedLow = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  const mixedHigh = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(mixedLow ^ (mixedLow >>> 13), 0xc2b2ae35)
  return 2 ** 32 * (mixedHigh & 0x1fffff) + (mixedLow >>> 0)
}
