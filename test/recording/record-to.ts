// A program that records six samples, ten seconds apart, to the path of its argument, and prints the state of the recorder.
import { Recorder } from '../../src/recording/recorder.ts'
import { session } from '../fixtures.ts'
import { generateSamples } from './recordings.ts'

const recorder = new Recorder(session, 0)
await recorder.start(process.argv[2]!, {})
for (const [i, sample] of generateSamples(6).entries())
  await recorder.recordSample(sample.map(reading => ({ ...reading, time: i * 10_000 })))
const during = recorder.getStatus()
await recorder.stop()
console.log(JSON.stringify({ during, end: recorder.getStatus() }))
