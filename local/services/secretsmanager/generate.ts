/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html */
import { isTrue } from '../identifiers';

export interface GenerateSecretString {
  readonly PasswordLength?: number;
  readonly ExcludeCharacters?: string;
  readonly ExcludeLowercase?: boolean;
  readonly ExcludeUppercase?: boolean;
  readonly ExcludeNumbers?: boolean;
  readonly ExcludePunctuation?: boolean;
  readonly IncludeSpace?: boolean;
  readonly RequireEachIncludedType?: boolean;
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
}

export function generateSecret(options: GenerateSecretString, random: () => number): string {
  const password = generatePassword(options, random);
  if (options.GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...JSON.parse(options.SecretStringTemplate ?? '{}'), [options.GenerateStringKey]: password });
}

function generatePassword(options: GenerateSecretString, random: () => number): string {
  const kinds: [excluded: unknown, characters: string][] = [
    [options.ExcludeLowercase, 'abcdefghijklmnopqrstuvwxyz'],
    [options.ExcludeUppercase, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
    [options.ExcludeNumbers, '0123456789'],
    [options.ExcludePunctuation, '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
    [!isTrue(options.IncludeSpace), ' '],
  ];
  const without = new Set(options.ExcludeCharacters ?? '');
  const alphabets = kinds
    .filter(([excluded]) => !isTrue(excluded))
    .map(([, characters]) => [...characters].filter((character) => !without.has(character)))
    .filter((characters) => characters.length > 0);
  const length = Number(options.PasswordLength ?? 32);
  const requireEach = options.RequireEachIncludedType === undefined || isTrue(options.RequireEachIncludedType);
  const draw = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
  const all = alphabets.flat();
  if (all.length === 0 || (requireEach && length < alphabets.length))
    throw new Error('GenerateSecretString leaves no password to generate.');
  const drawn = Array.from({ length }, (_, i) => draw(requireEach && i < alphabets.length ? alphabets[i] : all));
  // The required ones shall not stand in front.
  for (let i = drawn.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [drawn[i], drawn[j]] = [drawn[j], drawn[i]];
  }
  return drawn.join('');
}
