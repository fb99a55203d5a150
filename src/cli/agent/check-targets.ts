// Checks what the options name before anything is started: a wrong URL must not leave an empty recording behind.

import type { AgentOptions } from '../commands/agent.ts'
import { checkMarkFile } from '../live/mark-file.ts'
import { checkAppLogs } from '../load/app-logs.ts'

/** Loads only what is wanted. @throws UserError naming the option */
export async function checkTargets(options: AgentOptions): Promise<void> {
  const { otlp, otlpTokenFile, webhook, webhookTokenFile, listen } = options
  if (otlp !== undefined) (await import('../otlp/otlp-target.ts')).parseOtlpTarget(otlp, otlpTokenFile)
  if (webhook !== undefined) (await import('../hooks/webhook.ts')).parseWebhook(webhook, webhookTokenFile)
  checkMarkFile(options)
  await checkAppLogs(options)
  if (!listen) return
  ;(await import('../web/web-access.ts')).createAccess(options)
  await (await import('../web/metrics-server.ts')).checkAddress(listen)
}
