// Byte thresholds on small nodes: they shrink with RAM, so that the same share of a small node raises an alert.

/**
 * Returns a threshold scaled to a node.
 * @param bytes the threshold on nodes of `fullSize` and more
 * @param total MemTotal, bytes
 */
export const scaleToNode = (bytes: number, total: number, fullSize: number): number =>
  bytes * Math.min(1, total / fullSize)
