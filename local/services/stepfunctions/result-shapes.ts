import type { ResultShape } from '../../engine';
import { memberOf, membersOf, models, type Ref, Scalar, type ServiceModel, shapeOf } from '../../wire/model';

/** Services whose names differ between integrations and SDK clients. */
const CLIENTS: Readonly<Record<string, string>> = { events: 'eventbridge', states: 'sfn' };

/**
 * The shape of an API's answer, for TestState's mocked results, as far as the SDK's own schemas tell: types and required members, no
 * enumerations and no limits. Undefined for a service that the wire model doesn't have.
 * @param resourceType as in the history: "dynamodb", "aws-sdk:s3" @param operation "getItem"
 */
export function resultShapes(resourceType: string, operation: string): ResultShape | undefined {
  const service = resourceType.replace(/^aws-sdk:/, '');
  const model = models[CLIENTS[service] ?? service];
  const output = model?.operations[operation[0].toUpperCase() + operation.slice(1)]?.[1];
  return output === undefined ? undefined : resultShape(model, output);
}

function resultShape(model: ServiceModel, ref: Ref): ResultShape {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return scalarShape(shape);
  if (shape[0] === 1) return { kind: 'list', item: resultShape(model, memberOf(shape[1]).ref) };
  if (shape[0] === 2) return { kind: 'map', value: resultShape(model, memberOf(shape[2]).ref) };
  // Step Functions writes members with a capital, as the Java SDK does.
  const members = new Map(Object.entries(membersOf(shape)).map(([name, member]) => [name[0].toUpperCase() + name.slice(1), member]));
  const required = shape[0] === 3 ? [...members.keys()].slice(0, shape[2]) : [];
  const member = (name: string) => {
    const found = members.get(name);
    return found === undefined ? undefined : resultShape(model, memberOf(found).ref);
  };
  return { kind: 'structure', required, member };
}

function scalarShape(scalar: number): ResultShape {
  if (scalar === Scalar.NUMBER) return { kind: 'number' };
  if (scalar === Scalar.BOOLEAN) return { kind: 'boolean' };
  // A stream's content is given as it is, JSON or text.
  return scalar === Scalar.DOCUMENT || scalar === Scalar.STREAM ? { kind: 'any' } : { kind: 'string' };
}
