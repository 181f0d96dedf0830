/** What is on the wire, for each service: the packed model that scripts/wire-model.mjs makes of the SDK's own schemas. */
import { gunzipSync } from 'node:zlib';
import packed from './model.json';

export interface ServiceModel {
  /** As the SDK names the service ("Secrets Manager"). */
  readonly sdkId: string;
  /** The service in a signature's credential scope ("secretsmanager"): it tells which service a request is for. */
  readonly signingName: string;
  readonly protocol: 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'restJson1' | 'restXml';
  /** The prefix of `X-Amz-Target`, for the JSON protocols. */
  readonly target?: string;
  /** Errors also carry the code that the service's former query protocol gave them. */
  readonly queryCompatible?: boolean;
  readonly xmlNamespace?: string;
  /** Input shape, output shape, and for REST the method, the path template and the status of success. */
  readonly operations: Readonly<Record<string, readonly [Ref, Ref, (readonly [string, string, number])?]>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** A shape's name, or one of the numbers of `Scalar` (plus 64: a list of it; plus 128: a map of it). */
export type Ref = string | number;
export type Member = Ref | readonly [Ref, MemberTraits];
/** What changes a member's place or name on the wire; a number is a set of `MemberBit`s. */
export type MemberTraits =
  | number
  | {
      readonly httpHeader?: string;
      readonly httpPrefixHeaders?: string;
      readonly httpQuery?: string;
      readonly jsonName?: string;
      readonly xmlName?: string;
      readonly xmlFlattened?: 1;
      /** `MemberBit`s, where the member has a name of its own too. */
      readonly bits?: number;
    };

/** The first number is the kind of shape as Smithy's TypeScript schemas number them. */
export type Shape =
  | readonly [1, Member]
  | readonly [2, Member, Member]
  /** Members, how many of them, from the first, are required, and the name of its XML element where that isn't the shape's. */
  | readonly [3, Readonly<Record<string, Member>>, number, string?]
  | readonly [4, Readonly<Record<string, Member>>]
  /** An error: members, HTTP status, and its code in the query protocol where that differs from the shape's name. */
  | readonly [-3, Readonly<Record<string, Member>>, number, string?];

export const Scalar = {
  STRING: 0,
  NUMBER: 1,
  BOOLEAN: 2,
  TIMESTAMP: 4,
  DATE_TIME: 5,
  HTTP_DATE: 6,
  EPOCH_SECONDS: 7,
  DOCUMENT: 15,
  BLOB: 21,
  STREAM: 42,
} as const;
export const MemberBit = { LABEL: 1, PAYLOAD: 16, RESPONSE_CODE: 32, QUERY_PARAMS: 64 } as const;

export const models: Readonly<Record<string, ServiceModel>> = JSON.parse(gunzipSync(Buffer.from(packed.gzip, 'base64')).toString('utf8'));

/**
 * The service ("eventbridge") that requests signed for this name ("events") go to. DynamoDB and its streams sign alike: `X-Amz-Target`
 * tells them apart.
 */
export function serviceSignedAs(signingName: string, target: string | undefined): string | undefined {
  const candidates = Object.entries(models).filter(([, model]) => model.signingName === signingName);
  const [name] = candidates.find(([, model]) => candidates.length === 1 || target?.startsWith(`${model.target}.`)) ?? [];
  return name;
}

/** A reference, opened: lists and maps that are written as numbers become shapes like the others. */
export function shapeOf(model: ServiceModel, ref: Ref): Shape | number {
  if (typeof ref === 'string') return model.shapes[ref];
  if (ref & 128) return [2, Scalar.STRING, ref - 128];
  if (ref & 64) return [1, ref - 64];
  return ref;
}

export function memberOf(member: Member): { ref: Ref; bits: number; traits: Exclude<MemberTraits, number> } {
  const [ref, traits] = typeof member === 'object' ? member : [member, 0];
  return typeof traits === 'number' ? { ref, bits: traits, traits: {} } : { ref, bits: traits.bits ?? 0, traits };
}

/** The members of a structure, a union or an error. */
export function membersOf(shape: Shape | number): Readonly<Record<string, Member>> {
  if (typeof shape === 'number' || shape[0] === 1 || shape[0] === 2) throw new Error('The shape has no members.');
  return shape[1];
}

/** The error of this name, or of this code in the query protocol. */
export function errorShape(
  model: ServiceModel,
  code: string,
): { name: string; shape: Extract<Shape, readonly [-3, ...unknown[]]> } | undefined {
  for (const [name, shape] of Object.entries(model.shapes)) {
    if (shape[0] === -3 && (name === code || shape[3] === code)) return { name, shape };
  }
  return undefined;
}
