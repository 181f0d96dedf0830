/** Names that AWS makes up, from the cloud's seed, and ARNs. */
import type { Cloud } from '../cloud-types';

export function digits(cloud: Cloud, length: number, alphabet = '0123456789abcdef'): string {
  return Array.from({ length }, () => alphabet[Math.floor(cloud.random() * alphabet.length)]).join('');
}

export function uuid(cloud: Cloud): string {
  return `${digits(cloud, 8)}-${digits(cloud, 4)}-4${digits(cloud, 3)}-${digits(cloud, 1, '89ab')}${digits(cloud, 3)}-${digits(cloud, 12)}`;
}

/** An ARN of this account and region. */
export function arn(cloud: Cloud, service: string, resource: string): string {
  return `arn:${cloud.partition}:${service}:${cloud.region}:${cloud.accountId}:${resource}`;
}

/** CloudFormation passes lists of one, numbers and booleans as text now and then. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
