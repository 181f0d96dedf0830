/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html */
export interface Route {
  /** "GET /pets/{id}", "ANY /{proxy+}" or "$default". */
  readonly key: string;
  /** "integrations/abc123". */
  readonly target: string;
  readonly authorizationType: string;
  readonly authorizerId?: string;
  readonly authorizationScopes?: readonly string[];
}

export interface MatchedRoute {
  readonly route: Route;
  /** As sent, without the stage. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The most specific route: a full match, then one with variables, then a greedy one, then $default. */
export function selectRoute(routes: readonly Route[], method: string, path: string): MatchedRoute | undefined {
  const matches = routes.flatMap((route) => {
    const [routeMethod, routePath] = route.key.split(' ');
    if (!routePath || (routeMethod !== method && routeMethod !== 'ANY')) return [];
    const pathParameters = matchPath(routePath, path);
    return pathParameters ? [{ route, path, pathParameters, rank: rank(routePath, routeMethod) }] : [];
  });
  matches.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const fallback = routes.find(({ key }) => key === '$default');
  return matches[0] ?? (fallback && { route: fallback, path, pathParameters: {} });
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/').slice(1);
  const given = path.split('/').slice(1);
  const found: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const [, name, greedy] = /^\{([^+}]+)(\+?)\}$/.exec(part) ?? [];
    if (greedy) {
      if (given.length <= i || given[i] === '') return undefined;
      found[name] = given.slice(i).map(decode).join('/');
      return found;
    }
    if (given[i] === undefined) return undefined;
    if (name) {
      if (given[i] === '') return undefined;
      found[name] = decode(given[i]);
    } else if (decode(given[i]) !== part) return undefined;
  }
  return given.length === wanted.length ? found : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Sorts: literal before variable before greedy, segment by segment, then a method before ANY. */
function rank(path: string, method: string): string {
  const segments = path.split('/').slice(1);
  return `${segments.map((part) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0')).join('')}|${method === 'ANY' ? '1' : '0'}`;
}
