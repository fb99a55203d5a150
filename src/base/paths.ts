// Relations of paths that are separated by slashes.

/** Returns whether a path is below another. */
export const isBelow = (path: string, ancestor: string): boolean =>
  path.length > ancestor.length &&
  (ancestor === '/' || path[ancestor.length] === '/') && // most others end here, before any text is compared
  path.startsWith(ancestor)

/** Returns whether a path is another, or below it. */
export const isWithin = (path: string, ancestor: string): boolean => path === ancestor || isBelow(path, ancestor)
