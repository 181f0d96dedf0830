export { COLOURS, type Colour, type Theme, WORDS } from './colours';
export { graphStyle, svgElement, svgFile } from './draw';
export { type Layout, layOut } from './layout';
export { type Graph, graphOf } from './model';
export { coverage, type Traces, tracesOf } from './traces';
