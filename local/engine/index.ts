export { createEngine } from './engine';
export { statesVisited, transitions } from './history';
export type { ResultShape, ResultShapes } from './test-state/result-shape';
export { type TestStateOptions, testState } from './test-state/test-state';
export type { InspectionData, TestStateRequest, TestStateResult } from './test-state/types';
export * from './types';
