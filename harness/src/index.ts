/** @squall/harness: brings backends up, breaks them on purpose, drives a client against them and gives a verdict. */
export type { Engine, EngineKind, Unit } from './environment/engine.ts'
export { faultCatalog } from './faults/catalog.ts'
export type { FaultReceipt } from './faults/fault.ts'
export type { HistoryEvent } from './history/event.ts'
export { beginProof, type CleanProof } from './run/clean-proof.ts'
export { endpointsOf } from './run/clients.ts'
export type { RunResult, RunStatus } from './run/finish-run.ts'
export { leftoversOf, reaperReportOf } from './run/heal-scope.ts'
export { prepareImages } from './run/images.ts'
export { replayRun } from './run/replay.ts'
export type { RunOptions } from './run/run-experiment.ts'
export { runExperiment } from './run/run-experiment.ts'
export { bringUp, newRunId, type Stack, type StackOptions } from './run/stack.ts'
export type { Experiment, ExperimentInput } from './spec/experiment.ts'
export type { FaultSpec } from './spec/fault-plan.ts'
export type { ServiceName, Topology } from './spec/topology.ts'
export { defineExperiment, InvalidExperiment } from './spec/validate.ts'
export type { Check, CheckResult, Outcome } from './verdict/check.ts'
export type { Figures } from './verdict/figures.ts'
export { judge, type Verdict } from './verdict/verdict.ts'
export { type FailureClass, failureClasses } from './workload/operation.ts'
export type {
  ActiveSubject,
  DiscoveredService,
  Job,
  JobOutput,
  JobResult,
  Subject,
  SubjectEvent,
  SubjectOptions,
  SubjectStats,
  SubmittedJob,
} from './workload/subject.ts'
export { simpleWorkflow } from './workload/workflows.ts'
