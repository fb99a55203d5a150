// The pipelines of docs/examples: valid for GitHub's own parser, and their commands are understood by kmemtop.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/examples/${name}`, import.meta.url), 'utf8')

let parser: typeof import('@actions/workflow-parser')

// The package imports JSON without saying so, which Node refuses: a bundle has it inside.
beforeAll(async () => {
  const outfile = join(createTemporaryFolder(), 'workflow-parser.mjs')
  await build({
    entryPoints: ['@actions/workflow-parser'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'error',
  })
  parser = await import(outfile)
})

function checkWorkflow(content: string): readonly string[] {
  const { context } = parser.parseWorkflow({ name: 'x.yml', content }, new parser.NoOperationTraceWriter())
  return context.errors.getErrors().map(({ message }) => message)
}

/** Words of the first `kmemtop run` in a script; the examples have no words with blanks. */
function parseRun(script: string): object {
  const words = /npx kmemtop (run .*)/.exec(script.replaceAll('\n', ' '))?.[1]?.trim().split(/\s+/) ?? []
  const line = parseCommandLine(words, '0')
  expect(line?.command.name).toBe('run')
  expect(line?.files).toEqual(['npm', 'run', 'load'])
  return line?.options ?? {}
}

test('the workflow is one of GitHub Actions', () => {
  expect(checkWorkflow(read('github-actions.yml'))).toEqual([])
})

test('the parser finds a mistake in it', () => {
  expect(checkWorkflow(read('github-actions.yml').replace('runs-on:', 'runs:'))).not.toEqual([])
})

test('kmemtop understands the command of the workflow, which keeps what it writes', () => {
  const { steps } = parse(read('github-actions.yml')).jobs.memory
  const runs: readonly string[] = steps.flatMap(({ run }: { run?: string }) => (run?.includes('kmemtop') ? [run] : []))
  const options = parseRun(runs[0]!)
  expect(options).toMatchObject({ repeat: 8, warmup: 1, json: 'run.json', junit: 'kmemtop.xml', output: 'run.kmem' })
  expect(steps.at(-1).with.path.trim().split('\n')).toEqual(['run.json', 'kmemtop.xml', 'run.kmem'])
})

test('kmemtop understands the command of the job for GitLab, which reports what it writes', () => {
  const job = parse(read('gitlab-ci.yml'))['load-test']
  const options = parseRun(job.script.at(-1))
  expect(options).toMatchObject({ repeat: 8, warmup: 1, json: 'run.json', junit: 'kmemtop.xml', output: 'run.kmem' })
  expect(job.artifacts).toEqual({
    when: 'always',
    reports: { junit: 'kmemtop.xml' },
    paths: ['run.json', 'run.kmem'],
  })
})
