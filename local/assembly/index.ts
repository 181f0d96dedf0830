export { rolesOfCustomResources } from './custom-resources';
export { allResources, type CrossStackValues, type DeployOptions, deploy, deployAssembly } from './deploy';
export type { DynamicReference, DynamicResolver } from './dynamic';
export { TemplateError } from './errors';
export { loadAssembly } from './load';
export { physicalName } from './names';
export { type Placeholder, placeholderIn, placeholdersIn } from './placeholders';
export type { Assembly, DeployedResource, DeployedStack, StackTemplate } from './types';
