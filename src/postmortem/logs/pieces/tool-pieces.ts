// Pieces of a text that programs print: slabtop, free, top, ps, vmstat, systemd-cgtop, kubectl, docker. Pure.

import { BATCH_JOB_BEGIN, BATCH_JOB_LINE, parseBatchJob } from './batch-job.ts'
import {
  ATOP_BEGIN,
  ATOP_LINE,
  BUSYBOX_TOP,
  FREE_BEGIN,
  FREE_LINE,
  parseAtop,
  parseBusyboxTop,
  parseFree,
} from './free-output.ts'
import { DESCRIBE_BEGIN, DESCRIBE_LINE, parseDescription } from './kubectl-describe.ts'
import {
  NUMASTAT_BEGIN,
  NUMASTAT_LINE,
  parseNumastat,
  parseVmstatSums,
  VMSTAT_SUMS_BEGIN,
  VMSTAT_SUMS_LINE,
} from './memory-reports.ts'
import {
  DSTAT_BEGIN,
  DSTAT_LINE,
  FREE_LINE_BEGIN,
  HTOP_BEGIN,
  HTOP_LINE,
  parseDstat,
  parseFreeLine,
  parseHtop,
} from './monitor-screens.ts'
import type { PieceKind } from './piece-kind.ts'
import {
  parseProcessStatus,
  parseRollup,
  parseSmem,
  ROLLUP_BEGIN,
  ROLLUP_LINE,
  SMEM_BEGIN,
  SMEM_LINE,
  STATUS_BEGIN,
  STATUS_LINE,
} from './process-memory.ts'
import {
  CONTAINER_STATS_HEAD,
  CONTAINER_STATS_ROW,
  CRICTL_STATS_HEAD,
  CRICTL_STATS_ROW,
  createProcessRow,
  KUBECTL_TOP_HEAD,
  KUBECTL_TOP_ROW,
  PROCESS_HEAD,
  parseContainerStats,
  parseCrictlStats,
  parseKubectlTop,
  parseProcessTable,
} from './process-tables.ts'
import { parseSar, SAR_BEGIN, SAR_LINE } from './sar-reports.ts'
import { parseVmstatSlabs, VMSTAT_SLAB_BEGIN, VMSTAT_SLAB_LINE } from './slab-tools.ts'
import { parseSwapAreas, SWAP_AREAS_BEGIN, SWAP_AREAS_LINE } from './swap-areas.ts'
import {
  CTR_BEGIN,
  CTR_LINE,
  parseContainerMetrics,
  parseSmemAreas,
  SMEM_AREAS_BEGIN,
  SMEM_AREAS_LINE,
} from './system-memory.ts'
import { parseCgroupTop, parseSlabtop, parseVmstatReport } from './tool-output.ts'
import { parseTop, TOP_BEGIN, TOP_LINE } from './top-output.ts'
import { parseUnitStatus, UNIT_STATUS_BEGIN, UNIT_STATUS_LINE } from './unit-status.ts'

/** The outputs of programs in the table of pieces; those of kernel files are in `piece-kinds.ts`. */
export const TOOL_PIECE_KINDS: readonly PieceKind[] = [
  {
    name: 'slabtop',
    begin: /^\s*Active \/ Total Objects|^\s*OBJS\s+ACTIVE\s+USE\s+OBJ/,
    line: /^\s*(?:Active \/ Total|Minimum \/ Average)|^\s*OBJS\s+ACTIVE|^\s*\d+\s+\d+\s+\d+%\s+[\d.,]+K|^$/,
    parse: parseSlabtop,
  },
  {
    name: 'free',
    begin: FREE_BEGIN,
    line: FREE_LINE,
    parse: parseFree,
  },
  {
    name: 'top',
    begin: TOP_BEGIN,
    line: TOP_LINE,
    parse: parseTop,
  },
  {
    name: 'vmstat report',
    begin: /^-{0,2}procs-{0,2} -+memory/,
    line: /^-{0,2}procs-{0,2} -+memory|^ *r +b +swpd|^ *\d+ +\d+ +\d+ +\d+ /,
    parse: parseVmstatReport,
  },
  {
    name: 'systemd-cgtop',
    // with -b there may be no head
    begin:
      /^(?:Control Group|CGroup|Path) +(?:Tasks|Procs) +%CPU +Memory|^\/ +(?:\d+|-) +(?:[\d.]+|-) +[\d.]+[BKMGT] +/,
    line: /^\S.* (?:\d+|-) +(?:[\d.]+|-) +(?:[\d.]+[BKMGT]?|-)(?: |$)/,
    parse: parseCgroupTop,
  },
  { name: 'top', begin: BUSYBOX_TOP, line: /^\b$/, parse: parseBusyboxTop },
  { name: 'atop', begin: ATOP_BEGIN, line: ATOP_LINE, parse: parseAtop },
  { name: 'vmstat -m', begin: VMSTAT_SLAB_BEGIN, line: VMSTAT_SLAB_LINE, parse: parseVmstatSlabs },
  { name: 'smem', begin: SMEM_BEGIN, line: SMEM_LINE, parse: parseSmem },
  { name: 'smem -w', begin: SMEM_AREAS_BEGIN, line: SMEM_AREAS_LINE, parse: parseSmemAreas },
  { name: 'ctr task metrics', begin: CTR_BEGIN, line: CTR_LINE, parse: parseContainerMetrics },
  { name: 'batch job', begin: BATCH_JOB_BEGIN, line: BATCH_JOB_LINE, parse: parseBatchJob },
  { name: 'process status', begin: STATUS_BEGIN, line: STATUS_LINE, parse: parseProcessStatus },
  { name: 'smaps_rollup', begin: ROLLUP_BEGIN, line: ROLLUP_LINE, parse: parseRollup },
  { name: 'vmstat -s', begin: VMSTAT_SUMS_BEGIN, line: VMSTAT_SUMS_LINE, parse: parseVmstatSums },
  { name: 'sar', begin: SAR_BEGIN, line: SAR_LINE, parse: parseSar },
  { name: 'swap areas', begin: SWAP_AREAS_BEGIN, line: SWAP_AREAS_LINE, parse: parseSwapAreas },
  { name: 'htop', begin: HTOP_BEGIN, line: HTOP_LINE, parse: parseHtop },
  { name: 'dstat', begin: DSTAT_BEGIN, line: DSTAT_LINE, parse: parseDstat },
  { name: 'free', begin: FREE_LINE_BEGIN, line: /^\b$/, parse: parseFreeLine },
  { name: 'numastat -m', begin: NUMASTAT_BEGIN, line: NUMASTAT_LINE, parse: parseNumastat },
  { name: 'processes', begin: PROCESS_HEAD, line: createProcessRow, parse: parseProcessTable },
  { name: 'kubectl top', begin: KUBECTL_TOP_HEAD, line: KUBECTL_TOP_ROW, parse: parseKubectlTop },
  { name: 'crictl stats', begin: CRICTL_STATS_HEAD, line: CRICTL_STATS_ROW, parse: parseCrictlStats },
  { name: 'docker stats', begin: CONTAINER_STATS_HEAD, line: CONTAINER_STATS_ROW, parse: parseContainerStats },
  { name: 'systemctl status', begin: UNIT_STATUS_BEGIN, line: UNIT_STATUS_LINE, parse: parseUnitStatus },
  { name: 'kubectl describe', begin: DESCRIBE_BEGIN, line: DESCRIBE_LINE, parse: parseDescription },
]
