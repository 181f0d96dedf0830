/** AWS Systems Manager: Parameter Store. Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/ */
import { type AccessRequest, ApiError, type Cloud, type Service } from '../../cloud-types';
import { page } from '../paging';
import { latest, type Parameter, Parameters, type ParameterVersion, type PutInput, validation } from './parameters';

const MAX_NAMES = 10;

/** @param keyArn the customer's key that a reference means, if it is one */
export function createSsm(cloud: Cloud, keyArn: (reference: string) => string | undefined): Service {
  const parameters = new Parameters(cloud);

  /** https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html */
  function keyAccess(action: string, keyId: string | undefined, parameterArn: string): AccessRequest[] {
    const resource = keyId && keyArn(keyId);
    if (!resource) return [];
    const context = { 'kms:viaservice': `ssm.${cloud.region}.amazonaws.com`, 'kms:encryptioncontext:parameter_arn': parameterArn };
    return [{ action: `kms:${action}`, resource, context }];
  }

  const onParameter = (action: string, reference: string): AccessRequest[] => [
    { action: `ssm:${action}`, resource: parameters.arnOf(reference) },
  ];

  const toRead = (action: string, references: readonly string[], decrypt: boolean | undefined): AccessRequest[] =>
    references.flatMap((reference) => {
      const found = decrypt ? parameters.find(reference) : undefined;
      return [...onParameter(action, reference), ...(found ? keyAccess('Decrypt', latest(found).keyId, found.arn) : [])];
    });

  function shown({ name, arn, dataType }: Parameter, version: ParameterVersion, decrypt: boolean | undefined, selector?: string) {
    return {
      Name: name,
      Type: version.type,
      Value: decrypt ? version.value : (version.cipherText ?? version.value),
      Version: version.number,
      Selector: selector,
      LastModifiedDate: new Date(version.changedAt),
      ARN: arn,
      DataType: dataType,
    };
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
  function tell(operation: 'Create' | 'Update' | 'Delete', parameter: Parameter): void {
    const { name, arn, description } = parameter;
    cloud.emit({
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      resources: [arn],
      detail: { operation, name, type: latest(parameter).type, ...(description && { description }) },
    });
  }

  function put(input: PutInput): Parameter {
    const parameter = parameters.put(input);
    tell(parameter.versions.length === 1 ? 'Create' : 'Update', parameter);
    return parameter;
  }

  function remove(name: string): boolean {
    const parameter = parameters.delete(name);
    if (parameter) tell('Delete', parameter);
    return parameter !== undefined;
  }

  return {
    name: 'ssm',
    operations: {
      GetParameter: {
        access: ({ Name, WithDecryption }) => toRead('GetParameter', [Name], WithDecryption),
        run({ Name, WithDecryption }: { Name: string; WithDecryption?: boolean }) {
          const { parameter, version, selector } = parameters.version(Name);
          return { Parameter: shown(parameter, version, WithDecryption, selector) };
        },
      },
      GetParameters: {
        access: ({ Names, WithDecryption }) => toRead('GetParameters', Names, WithDecryption),
        run({ Names, WithDecryption }: { Names: readonly string[]; WithDecryption?: boolean }) {
          if (Names.length < 1 || Names.length > MAX_NAMES) {
            throw validation(
              `1 validation error detected: Value '[${Names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length between 1 and ${MAX_NAMES}`,
            );
          }
          const found = [];
          const InvalidParameters = [];
          for (const name of new Set(Names)) {
            try {
              const { parameter, version, selector } = parameters.version(name);
              found.push(shown(parameter, version, WithDecryption, selector));
            } catch (error) {
              if (!(error instanceof ApiError)) throw error;
              InvalidParameters.push(name);
            }
          }
          return { Parameters: found, InvalidParameters };
        },
      },
      GetParametersByPath: {
        // The path is the resource: who may read a path may read all below it.
        access: ({ Path, Recursive, WithDecryption }) => [
          {
            action: 'ssm:GetParametersByPath',
            resource: parameters.arnOf(Path),
            context: { 'ssm:recursive': String(Recursive === true) },
          },
          ...(WithDecryption ? parameters.below(Path, Recursive === true) : []).flatMap((parameter) =>
            keyAccess('Decrypt', latest(parameter).keyId, parameter.arn),
          ),
        ],
        run(input: { Path: string; Recursive?: boolean; WithDecryption?: boolean; MaxResults?: number; NextToken?: string }) {
          if (!input.Path.startsWith('/')) {
            throw validation(`The parameter doesn't meet the parameter name requirements: the path must begin with "/": '${input.Path}'`);
          }
          const { items, nextToken } = page(
            parameters.below(input.Path, input.Recursive === true),
            input.MaxResults ?? MAX_NAMES,
            input.NextToken,
          );
          return { Parameters: items.map((item) => shown(item, latest(item), input.WithDecryption)), NextToken: nextToken };
        },
      },
      PutParameter: {
        access: ({ Name, Type, KeyId, Overwrite }) => [
          {
            action: 'ssm:PutParameter',
            resource: parameters.arnOf(Name),
            context: { 'ssm:overwrite': String(Overwrite === true) },
          },
          ...(Type === 'SecureString' ? keyAccess('Encrypt', KeyId, parameters.arnOf(Name)) : []),
        ],
        run(input: PutInput) {
          const parameter = put(input);
          return { Version: latest(parameter).number, Tier: parameter.tier };
        },
      },
      DeleteParameter: {
        access: ({ Name }) => onParameter('DeleteParameter', Name),
        run({ Name }: { Name: string }) {
          if (!remove(Name)) throw new ApiError('ParameterNotFound', `Parameter ${Name} not found.`);
        },
      },
      DeleteParameters: {
        access: ({ Names }: { Names: readonly string[] }) => Names.flatMap((name) => onParameter('DeleteParameters', name)),
        run({ Names }: { Names: readonly string[] }) {
          const DeletedParameters = Names.filter(remove);
          return { DeletedParameters, InvalidParameters: Names.filter((name) => !DeletedParameters.includes(name)) };
        },
      },
    },
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html. No SecureString. */
    resources: {
      'AWS::SSM::Parameter': {
        create(resource) {
          const { Name = resource.physicalName(), Type, Value, Description, AllowedPattern, Tier, DataType } = resource.properties;
          const parameter = put({ Name, Type, Value: String(Value), Description, AllowedPattern, Tier, DataType });
          const { type, value } = latest(parameter);
          return { ref: parameter.name, attributes: { Type: type, Value: value } };
        },
      },
    },
  };
}
