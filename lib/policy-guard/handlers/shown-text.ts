/**
 * The beginning of a text, and how much is left out, so that it takes no more than so many characters as JSON. What a question shows is hashed by Step Functions, which
 * takes 10,000: what others wrote must not make it too long to be asked.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function shownText(text: string, most: number): string {
  let end = text.length;
  while (JSON.stringify(text.slice(0, end)).length > most) end = Math.floor(end * 0.95);
  if (end === text.length) return text;
  return `${text.slice(0, end)}\n… ${text.length - end} more characters, in the evidence`;
}
