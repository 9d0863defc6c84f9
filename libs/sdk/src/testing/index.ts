/** For tests of agents: the platform in memory, with the model that the test brings. */
export { startTestHarness, TestHarness, TestRejection, type HarnessOptions, type TestRun } from './test-harness.ts';
export { answers, type ModelAnswer, type ModelCall, type TestModel } from './scripted-model.ts';
