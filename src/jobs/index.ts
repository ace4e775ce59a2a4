export { type Job, type JobEvent, type JobOptions, runJob, type StepTiming } from './job.ts'
