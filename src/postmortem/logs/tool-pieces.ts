// Pieces of a text that programs print: slabtop, free, top, ps, vmstat, systemd-cgtop, kubectl, docker. Pure.
import { DESCRIBE_BEGIN, DESCRIBE_LINE, parseDescription } from './kubectl-describe.ts'
import {
  NUMASTAT_BEGIN,
  NUMASTAT_LINE,
  parseNumastat,
  parseSarMemory,
  parseVmstatSums,
  SAR_BEGIN,
  SAR_LINE,
  VMSTAT_SUMS_BEGIN,
  VMSTAT_SUMS_LINE,
} from './memory-reports.ts'
import type { PieceKind } from './piece-kind.ts'
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
import { parseCgroupTop, parseFree, parseSlabtop, parseTop, parseVmstatReport } from './tool-output.ts'
import { parseUnitStatus, UNIT_STATUS_BEGIN, UNIT_STATUS_LINE } from './unit-status.ts'

export const TOOL_PIECE_KINDS: readonly PieceKind[] = [
  {
    name: 'slabtop',
    begin: /^\s*Active \/ Total Objects|^\s*OBJS ACTIVE\s+USE OBJ/,
    line: /^\s*(?:Active \/ Total|Minimum \/ Average)|^\s*OBJS ACTIVE|^\s*\d+\s+\d+\s+\d+%\s+[\d.]+K|^$/,
    parse: parseSlabtop,
  },
  {
    name: 'free',
    begin: /^\s+total +used +free\b/,
    line: /^(?:Mem|Swap|Total|Low|High|-\/\+ buffers\/cache|Comm):/,
    parse: parseFree,
  },
  {
    name: 'top',
    begin: /^(?:[KMG]iB )?Mem *: .*total,/,
    line: /^(?:[KMG]iB )?Swap *: .*total,/,
    parse: parseTop,
  },
  {
    name: 'vmstat report',
    begin: /^procs -+memory/,
    line: /^procs -+memory|^ *r +b +swpd|^ *\d+ +\d+ +\d+ +\d+ /,
    parse: parseVmstatReport,
  },
  {
    name: 'systemd-cgtop',
    begin: /^(?:Control Group|CGroup|Path) +(?:Tasks|Procs) +%CPU +Memory/,
    line: /^\S.* (?:\d+|-) +(?:[\d.]+|-) +(?:[\d.]+[BKMGT]?|-)(?: |$)/,
    parse: parseCgroupTop,
  },
  { name: 'vmstat -s', begin: VMSTAT_SUMS_BEGIN, line: VMSTAT_SUMS_LINE, parse: parseVmstatSums },
  { name: 'sar -r', begin: SAR_BEGIN, line: SAR_LINE, parse: parseSarMemory },
  { name: 'numastat -m', begin: NUMASTAT_BEGIN, line: NUMASTAT_LINE, parse: parseNumastat },
  { name: 'processes', begin: PROCESS_HEAD, line: createProcessRow, parse: parseProcessTable },
  { name: 'kubectl top', begin: KUBECTL_TOP_HEAD, line: KUBECTL_TOP_ROW, parse: parseKubectlTop },
  { name: 'crictl stats', begin: CRICTL_STATS_HEAD, line: CRICTL_STATS_ROW, parse: parseCrictlStats },
  { name: 'docker stats', begin: CONTAINER_STATS_HEAD, line: CONTAINER_STATS_ROW, parse: parseContainerStats },
  { name: 'systemctl status', begin: UNIT_STATUS_BEGIN, line: UNIT_STATUS_LINE, parse: parseUnitStatus },
  { name: 'kubectl describe', begin: DESCRIBE_BEGIN, line: DESCRIBE_LINE, parse: parseDescription },
]
