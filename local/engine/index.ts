export { createEngine } from './engine';
export { statesVisited, transitions } from './history';
export * from './types';
