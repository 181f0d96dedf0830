import { SAMPLES } from '../patterns';

export function list(): number {
  for (const { pattern } of SAMPLES) {
    process.stdout.write(`${pattern.name}  ${pattern.title}\n`);
    const width = Math.max(...pattern.scenarios.map((scenario) => scenario.name.length));
    for (const scenario of pattern.scenarios) process.stdout.write(`  ${scenario.name.padEnd(width)}  ${scenario.title}\n`);
  }
  return 0;
}
