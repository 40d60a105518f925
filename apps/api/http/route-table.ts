interface Route {
  readonly method: string;
  readonly pattern: RegExp;
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
    this.routes.push({ method, pattern: new RegExp(`^${pattern}$`) });
  }

  methodsAt(url: string): string[] {
    const path = url.split('?', 1)[0]!;
    return [...new Set(this.routes.filter((route) => route.pattern.test(path)).map((route) => route.method))].sort();
  }
}
