/** A variable of the function's environment. @throws if it is missing, at the start and by its name */
export function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}
