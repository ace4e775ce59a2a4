import type { FsckReport } from '../repository/index.ts'
import type { TrainContext } from '../train/index.ts'

/** Adds to the report what hosts would not accept of the published statements. They cannot be made again: people signed some of them. */
export async function checkStatements(
  { statements }: Pick<TrainContext, 'statements'>,
  report: FsckReport,
): Promise<void> {
  const { checked, faults } = await statements.check()
  report.checkedRefs += checked
  for (const { name, problem } of faults)
    report.findings.push({ what: 'ref', name, problem, repaired: false, usedBy: [] })
}
