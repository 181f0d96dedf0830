// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are IAM's policy variables
import { compilePattern, type Wildcards } from '../../../local/access/pattern';

const matches = (text: string, value: string, wildcards: Wildcards, keys: Record<string, string> = {}): boolean =>
  compilePattern(text, { wildcards, variables: true }).matches(value, (key) => keys[key]);

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
describe('wildcards in a resource', () => {
  const bucket = 'arn:aws:s3:::photos';
  test.each([
    ['everything', '*', bucket, true],
    ['exactly it', bucket, bucket, true],
    ['another case', 'arn:aws:s3:::Photos', bucket, false],
    ['a longer name', bucket, `${bucket}2`, false],
    ['the end', `${bucket}/*`, `${bucket}/1/2/test.jpg`, true],
    ['the end, empty', `${bucket}/*`, `${bucket}/`, true],
    ['the bucket itself is no object', `${bucket}/*`, bucket, false],
    // "The wildcards in the ARN apply to all of the following objects"
    ['several, over slashes', `${bucket}/*/test/*`, `${bucket}/1/2/test/3/object.jpg`, true],
    ['several, ending empty', `${bucket}/*/test/*`, `${bucket}/1/test/`, true],
    ['several, beginning empty', `${bucket}/*/test/*`, `${bucket}//test/object.jpg`, true],
    ['several, not there', `${bucket}/*/test/*`, `${bucket}/1-test/object.jpg`, false],
    ['one character', 'arn:aws:iam::123456789012:user/Bob?', 'arn:aws:iam::123456789012:user/Bob1', true],
    ['one character, not none', 'arn:aws:iam::123456789012:user/Bob?', 'arn:aws:iam::123456789012:user/Bob', false],
    ['a colon in the resource', `${bucket}/*.txt`, `${bucket}/a:b.txt`, true],
    ['a segment each', 'arn:aws:sqs:*:123456789012:jobs', 'arn:aws:sqs:eu-west-1:123456789012:jobs', true],
    ['inside a segment it stops at the colon', 'arn:aws:sqs:eu-*-1:jobs', 'arn:aws:sqs:eu-west-1:123456789012-1:jobs', false],
    ['nor does it leave the account', 'arn:aws:sqs:eu-west-1:1*2:jobs', 'arn:aws:sqs:eu-west-1:1:2:jobs', false],
    ['a ? never crosses a colon', 'arn:aws:sqs:eu-west-1?123456789012:jobs', 'arn:aws:sqs:eu-west-1:123456789012:jobs', false],
    // "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries"
    ['beyond the colons at the end', 'arn:aws:sqs:*', 'arn:aws:sqs:eu-west-1:123456789012:jobs', true],
    ['beyond the colons at a segment’s end', 'arn:aws:sqs:*:jobs', 'arn:aws:sqs:eu-west-1:123456789012:jobs', true],
    ['regular expressions are plain text', 'arn:aws:s3:::a.b+(c)[d]', 'arn:aws:s3:::a.b+(c)[d]', true],
    ['a dot is a dot', 'arn:aws:s3:::a.b*z', 'arn:aws:s3:::axb-z', false],
    ['a line break is a character', `${bucket}/*.txt`, `${bucket}/a\nb.txt`, true],
  ])('%s: %s on %s is %s', (_what, text, value, expected) => {
    expect(matches(text, value, 'resource')).toBe(expected);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
describe('wildcards of ArnLike and StringLike', () => {
  const text = 'arn:aws:someservice:*:111122223333:finance/*';
  const value = 'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt';
  test.each<[Wildcards, string, string, boolean]>([
    ['text', text, value, true],
    ['arn', text, value, false],
    ['arn', text, 'arn:aws:someservice:us-east-2:111122223333:finance/a:b', true],
    ['arn', 'arn:aws:sns:*', 'arn:aws:sns:eu-west-1:123456789012:News', false],
    ['arn', 'arn:aws:sns:*:*:*', 'arn:aws:sns:eu-west-1:123456789012:News', true],
    ['text', 'a*', 'a:b:c', true],
    ['exact', 'a*', 'abc', false],
    ['exact', 'a*', 'a*', true],
  ])('%s: %s on %s is %s', (wildcards, pattern, actual, expected) => {
    expect(matches(pattern, actual, wildcards)).toBe(expected);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
describe('policy variables', () => {
  const keys = { 'aws:username': 'ann', star: 'a*' };
  test.each<[string, string, Wildcards, boolean]>([
    ['home/${aws:username}', 'home/ann', 'exact', true],
    ['home/${aws:username}', 'home/bob', 'exact', false],
    ['home/${AWS:UserName}/*', 'home/ann/x/y', 'text', true],
    ['home/${aws:userid}', 'home/ann', 'exact', false],
    ["home/${aws:userid, 'guest'}", 'home/guest', 'exact', true],
    ["home/${aws:username, 'guest'}", 'home/guest', 'exact', false],
    ["${aws:userid,''}", '', 'exact', true],
    // "use where you need an * (asterisk) character"
    ['a${*}c', 'abc', 'text', false],
    ['a${*}c', 'a*c', 'text', true],
    ['a${?}c', 'abc', 'text', false],
    ['${$}{aws:username}', '${aws:username}', 'text', true],
    // What a variable brings is text, not a pattern.
    ['${star}', 'abc', 'text', false],
    ['${star}', 'a*', 'text', true],
    ['${aws:username', '${aws:username', 'exact', true],
  ])('%s on %s (%s) is %s', (text, value, wildcards, expected) => {
    expect(matches(text, value, wildcards, keys)).toBe(expected);
  });

  test('are plain text where the policy has no variables', () => {
    const pattern = compilePattern('${aws:username}', { wildcards: 'text' });
    expect(pattern.matches('${aws:username}', () => 'ann')).toBe(true);
  });
});
