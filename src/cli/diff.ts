// kmemtop diff.
export const diff = async (..._: readonly unknown[]): Promise<number> => 2
