// Relations of paths that are separated by slashes.

/** Returns whether a path is below another. */
export const isBelow = (path: string, ancestor: string): boolean =>
  path !== ancestor && path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`)

/** Returns whether a path is another, or below it. */
export const isWithin = (path: string, ancestor: string): boolean => path === ancestor || isBelow(path, ancestor)
