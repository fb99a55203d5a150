// Bounds of what kmemtop reads from outside: far above what a real file needs, far below what would fill a node's memory.
import { DAY, MiB } from './units.ts'

/** Bounds of a recording. A recorder's part holds 300 s: 64 MiB of text and its keyframe at most. */
export const RECORDING_BOUNDS = {
  /** bytes of text in one zstd part */
  partText: 256 * MiB,
  /** bytes of text that a zstd part may have however small it is; above, its packed size counts */
  smallPartText: 32 * MiB,
  /** bytes of text for each packed byte: recorders reach 60, zstd -19 reaches 100 with 100,000 equal cgroups */
  partRatio: 1000,
  /** bytes of text under one header of a recording in plain lines */
  plainPartText: 512 * MiB,
  /** lines of one part: 15 sources once a second are 4,500 in 300 s, and 1.3 million in a day under one header */
  partLines: 1_500_000,
  /** lines that a zstd part may have however small it is: a recorder that samples ten times per second writes 48,000 */
  smallPartLines: 100_000,
  /** lines for each packed byte: each has a time and a cost of its own */
  partLinesRatio: 4,
  /** files named in one part */
  partFiles: 2_000_000,
  /** bytes of one line */
  line: 64 * MiB,
  /** commas in one line: each means at most one file */
  lineCommas: 1_000_000,
  /** bytes of the first line of a part */
  header: MiB,
  /** packed bytes of one part */
  packedPart: 256 * MiB,
  /** zstd blocks in one part: a recorder writes one or a few per sample */
  partBlocks: 1_000_000,
  /** bytes of one summary, or of the index unpacked: 30 days are 6 MB */
  index: 16 * MiB,
  /** bytes of all summaries of a recording that is walked: each byte of an alert takes several in memory */
  summaries: 48 * MiB,
  /** entries of the seek table: two for each part */
  seekEntries: 1_000_000,
  /** bytes that are searched for the next part after damage */
  search: 1024 * MiB,
  /** parts of one recording: 200,000 are two years */
  parts: 200_000,
  /** bytes of a zstd recording that comes on a pipe: it is held in memory */
  packedStream: 512 * MiB,
} as const

/** Returns how many bytes of text a zstd part may have: a file of a few KB is no reason to fill the memory of a node. */
export const getPartTextBound = (packedBytes: number): number =>
  Math.min(
    RECORDING_BOUNDS.partText,
    Math.max(RECORDING_BOUNDS.smallPartText, packedBytes * RECORDING_BOUNDS.partRatio),
  )

/** Returns how many lines a zstd part may have: each becomes an object of 100 bytes and more. */
export const getPartLinesBound = (packedBytes: number): number =>
  Math.min(
    RECORDING_BOUNDS.partLines,
    Math.max(RECORDING_BOUNDS.smallPartLines, packedBytes * RECORDING_BOUNDS.partLinesRatio),
  )

/** Bytes of a config file. */
export const MAX_CONFIG_BYTES = MiB

/**
 * Characters of a line of the kernel log: the kernel's own are at most 2,048 bytes (PRINTK_MESSAGE_MAX), of which some are
 * written as `\xNN`.
 */
export const MAX_KERNEL_LINE = 4096

/** Milliseconds since 1970 that are a date: up to the end of the year 9999. */
export const MAX_WALL_CLOCK = 253_402_300_799_999

/** Milliseconds from the start of a session, before or after it: 100 years. */
export const MAX_SESSION_TIME = 100 * 366 * DAY

/** Milliseconds between two samples: a day. */
export const MAX_INTERVAL = DAY

/** Returns whether a number is a usable session time in ms. */
export const isSessionTime = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= MAX_SESSION_TIME

/** Returns whether a number is a usable wall clock time in ms since 1970. Where clocks were stepped, time 0 may be before it. */
export const isWallClock = (value: unknown): value is number =>
  typeof value === 'number' && value >= -MAX_SESSION_TIME && value <= MAX_WALL_CLOCK

/** The longest duration of an option or of the config, in milliseconds: added to any wall clock it is still a date. */
export const MAX_DURATION = 36_500 * DAY
