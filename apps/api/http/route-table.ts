interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly hasParameter: boolean;
}

/** Which methods an address takes: to tell a wrong method from a wrong address. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** `path` as a router writes it, with `:name` for a parameter. */
  add(method: string, path: string): void {
    const pattern = path
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('/');
    this.routes.push({ method, pattern: new RegExp(`^${pattern}$`), hasParameter: path.includes(':') });
  }

  methodsAt(url: string): string[] {
    const path = url.split('?', 1)[0]!;
    const fitting = this.routes.filter((route) => route.pattern.test(path));
    // as a router does it: an address that is written out goes before one with a parameter
    const fixed = fitting.filter((route) => !route.hasParameter);
    return [...new Set((fixed.length > 0 ? fixed : fitting).map((route) => route.method))].sort();
  }
}
