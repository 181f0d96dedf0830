import { clash, type DocumentPath, describePath } from './document-path';
import { ExpressionParser } from './expression-parser';
import type { Placeholders } from './placeholders';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html */
export function parseProjection(expression: string, placeholders: Placeholders): readonly DocumentPath[] {
  return new ProjectionParser('ProjectionExpression', expression, placeholders).parse();
}

class ProjectionParser extends ExpressionParser {
  protected readonly ranks = { reserved: 0, name: 1, value: 1, overlap: 2, conflict: 3 };

  parse(): readonly DocumentPath[] {
    const paths = [this.path()];
    while (this.accept(',')) paths.push(this.path());
    noteClashes(paths, (kind, message) => this.note(this.ranks[kind], message));
    this.finish();
    return paths;
  }
}

export function noteClashes(paths: readonly DocumentPath[], note: (kind: 'overlap' | 'conflict', message: string) => void): void {
  for (const [index, path] of paths.entries()) {
    for (const earlier of paths.slice(0, index)) {
      const kind = clash(earlier, path);
      if (kind) {
        note(
          kind,
          `Two document paths ${kind} with each other; must remove or rewrite one of these paths; path one: ${describePath(earlier)}, path two: ${describePath(path)}`,
        );
      }
    }
  }
}
