/** The calls that write and read policies. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { ApiError, type Operation } from '../../cloud-types';
import { page } from '../paging';
import type { Entities, Entity, EntityKind } from './entities';
import { isAwsManaged, type ManagedPolicies, type ManagedPolicy, type PolicyVersion } from './managed-policies';
import { parsePolicy } from './policy-text';

export interface Paging {
  readonly MaxItems?: number;
  readonly Marker?: string;
}

interface Made {
  /** Those that change nothing. */
  readonly reads: Record<string, Operation>;
  readonly writes: Record<string, Operation>;
}

/** As IAM gives documents back. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html: "URL-encoded compliant with RFC 3986" */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function paged<T>(all: readonly T[], { MaxItems = 100, Marker }: Paging): { items: readonly T[]; IsTruncated: boolean; Marker?: string } {
  const { items, nextToken } = page(all, MaxItems, Marker);
  return { items, IsTruncated: nextToken !== undefined, Marker: nextToken };
}

export function policyOperations(entities: Entities, policies: ManagedPolicies): Made {
  const attachedTo = (arn: string): readonly Entity[] => entities.all.filter(({ attached }) => attached.has(arn));
  const onPolicy =
    (action: string) =>
    ({ PolicyArn }: { PolicyArn: string }) => [{ action: `iam:${action}`, resource: PolicyArn }];

  const described = (policy: ManagedPolicy) => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.iamPath,
    DefaultVersionId: policy.default.id,
    AttachmentCount: attachedTo(policy.arn).length,
    PermissionsBoundaryUsageCount: entities.all.filter(({ boundaryArn }) => boundaryArn === policy.arn).length,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.changedAt),
  });
  const version = (policy: ManagedPolicy, { id, createdAt }: PolicyVersion) => ({
    VersionId: id,
    IsDefaultVersion: policy.default.id === id,
    CreateDate: new Date(createdAt),
  });

  return {
    writes: {
      CreatePolicy: {
        access: ({ PolicyName, Path }) => onPolicy('CreatePolicy')({ PolicyArn: policies.arnOf(PolicyName, Path) }),
        run(input: { PolicyName: string; Path?: string; PolicyDocument: string; Description?: string }) {
          const { PolicyName: name, Path: iamPath, PolicyDocument: text, Description: description } = input;
          return { Policy: described(policies.create({ name, iamPath, text, description, label: name })) };
        },
      },
      DeletePolicy: {
        access: onPolicy('DeletePolicy'),
        run: ({ PolicyArn }: { PolicyArn: string }) => policies.delete(PolicyArn, attachedTo(PolicyArn).length > 0),
      },
      CreatePolicyVersion: {
        access: onPolicy('CreatePolicyVersion'),
        run({ PolicyArn, PolicyDocument, SetAsDefault }: { PolicyArn: string; PolicyDocument: string; SetAsDefault?: boolean }) {
          const made = policies.createVersion(PolicyArn, PolicyDocument, SetAsDefault === true);
          return { PolicyVersion: version(policies.find(PolicyArn), made) };
        },
      },
      DeletePolicyVersion: {
        access: onPolicy('DeletePolicyVersion'),
        run: ({ PolicyArn, VersionId }: { PolicyArn: string; VersionId: string }) => policies.deleteVersion(PolicyArn, VersionId),
      },
      SetDefaultPolicyVersion: {
        access: onPolicy('SetDefaultPolicyVersion'),
        run: ({ PolicyArn, VersionId }: { PolicyArn: string; VersionId: string }) => policies.setDefault(PolicyArn, VersionId),
      },
    },
    reads: {
      GetPolicy: {
        access: onPolicy('GetPolicy'),
        run: ({ PolicyArn }: { PolicyArn: string }) => ({ Policy: described(policies.readable(PolicyArn)) }),
      },
      GetPolicyVersion: {
        access: onPolicy('GetPolicyVersion'),
        run({ PolicyArn, VersionId }: { PolicyArn: string; VersionId: string }) {
          const found = policies.version(PolicyArn, VersionId);
          return { PolicyVersion: { ...version(policies.readable(PolicyArn), found), Document: encoded(found.text) } };
        },
      },
      ListPolicyVersions: {
        access: onPolicy('ListPolicyVersions'),
        run({ PolicyArn, ...paging }: { PolicyArn: string } & Paging) {
          const policy = policies.readable(PolicyArn);
          const { items, ...rest } = paged([...policy.versions].reverse(), paging);
          return { Versions: items.map((item) => version(policy, item)), ...rest };
        },
      },
      /** Those of the account; AWS's own are too many. */
      ListPolicies: {
        access: () => [{ action: 'iam:ListPolicies', resource: '*' }],
        run(input: { Scope?: string; OnlyAttached?: boolean; PathPrefix?: string } & Paging) {
          if (input.Scope !== 'Local') throw new ApiError('NotImplemented', "stepworks lists policies with the Scope 'Local' only.", 501);
          const all = policies.all.filter(
            ({ arn, iamPath }) => iamPath.startsWith(input.PathPrefix ?? '/') && (!input.OnlyAttached || attachedTo(arn).length > 0),
          );
          const { items, ...rest } = paged(all, input);
          return { Policies: items.map(described), ...rest };
        },
      },
      ListEntitiesForPolicy: {
        access: onPolicy('ListEntitiesForPolicy'),
        run({ PolicyArn, EntityFilter }: { PolicyArn: string; EntityFilter?: EntityKind }) {
          if (!isAwsManaged(PolicyArn)) policies.find(PolicyArn);
          const of = (kind: EntityKind) =>
            attachedTo(PolicyArn)
              .filter((entity) => entity.kind === kind && (EntityFilter ?? kind) === kind)
              .map(({ name, id }) => ({ [`${kind}Name`]: name, [`${kind}Id`]: id }));
          return { PolicyRoles: of('Role'), PolicyUsers: of('User'), PolicyGroups: of('Group'), IsTruncated: false };
        },
      },
    },
  };
}

/** PutRolePolicy and its like, of one kind of entity. */
export function entityOperations(kind: EntityKind, entities: Entities, policies: ManagedPolicies): Made {
  type Named = { readonly [name: string]: string } & Paging;
  const name = (input: Named): string => input[`${kind}Name`];
  const entity = (input: Named): Entity => entities.find(kind, name(input));
  const on = (action: string) => (input: Named & { readonly PolicyArn?: string }) => {
    const boundary = entities.get(kind, name(input))?.boundaryArn;
    const context = {
      ...(boundary && { 'iam:permissionsboundary': boundary }),
      ...(input.PolicyArn && { 'iam:policyarn': input.PolicyArn }),
    };
    return [{ action: `iam:${action}`, resource: entities.arnOf(kind, name(input)), context }];
  };
  const operation = (action: string, run: (input: Named) => unknown): Record<string, Operation> => ({
    [action]: { access: on(action), run },
  });

  return {
    writes: {
      ...operation(`Put${kind}Policy`, (input) => {
        const document = parsePolicy(input.PolicyDocument);
        const owner = entity(input);
        entities.putInline(owner, input.PolicyName, input.PolicyDocument, document, `${owner.label}/${input.PolicyName}`);
      }),
      ...operation(`Delete${kind}Policy`, (input) => entities.deleteInline(entity(input), input.PolicyName)),
      ...operation(`Attach${kind}Policy`, (input) => {
        if (!isAwsManaged(input.PolicyArn)) policies.find(input.PolicyArn);
        entities.attach(entity(input), input.PolicyArn);
      }),
      ...operation(`Detach${kind}Policy`, (input) => entities.detach(entity(input), input.PolicyArn)),
    },
    reads: {
      ...operation(`Get${kind}Policy`, (input) => ({
        [`${kind}Name`]: name(input),
        PolicyName: input.PolicyName,
        PolicyDocument: encoded(entities.inline(entity(input), input.PolicyName)),
      })),
      ...operation(`List${kind}Policies`, (input) => {
        const { items, ...rest } = paged([...entity(input).inline.keys()].sort(), input);
        return { PolicyNames: items, ...rest };
      }),
      ...operation(`ListAttached${kind}Policies`, (input) => {
        const { items, ...rest } = paged([...entity(input).attached], input);
        return { AttachedPolicies: items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn })), ...rest };
      }),
    },
  };
}
