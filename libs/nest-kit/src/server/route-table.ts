/** The routes that are really served, as the router has them: for `Allow`, and for comparing with the contract. */

export interface ServedRoute {
  readonly method: string;
  /** OpenAPI form, `{run}` for parameters. */
  readonly path: string;
}

/** The part of Express's router that is read here. */
interface Router {
  readonly stack: readonly { readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> } }[];
}

export class RouteTable {
  #routes: readonly (ServedRoute & { readonly pattern: RegExp })[] = [];

  get routes(): readonly ServedRoute[] {
    return this.#routes.map(({ method, path }) => ({ method, path }));
  }

  /** To be called once all routes are there. */
  read({ stack }: Router): void {
    this.#routes = stack.flatMap(({ route }) => {
      if (route === undefined) return [];
      const pattern = new RegExp(`^${route.path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+')}/?$`, 'i');
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      return Object.keys(route.methods).map((method) => ({ method, path, pattern }));
    });
  }

  /** What the path may be asked with, in capitals; nothing if there is no such route. */
  methodsAt(path: string): readonly string[] {
    const methods = this.#routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method.toUpperCase());
    return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  }
}
