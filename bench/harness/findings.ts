/** One measured thing: `values` are its repetitions, in the order in which they were taken. */
export interface Figure {
  what: string
  who: string
  unit: 's' | 'ms' | 'req/s' | 'MB/s' | 'B' | 'pages' | 'requests'
  values: number[]
  cpuSeconds?: number[]
  peakBytes?: number
  /** Used meanwhile by everything else on the machine, the server of the workload included. */
  otherCpuSeconds?: number[]
  /** Of the minute before, for each repetition. */
  load?: number[]
  command?: string
}

/** What was aimed at and what came out; a missed target is a finding like any other. */
export interface Target {
  target: string
  measured: string
  met: boolean
}

/** What one claim found. */
export interface Findings {
  figures: Figure[]
  targets: Target[]
  /** Sentences for the reader of the table. */
  notes?: string[]
}

/** We, in every table. */
export const ours = 'switchyard'
