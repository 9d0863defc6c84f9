/** Binds a handler to its route in the contract, so that method, path and status are written down once. */
import { applyDecorators, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import { ROUTES, type Route } from '@runledger/contracts';

const METHODS: Record<Route['method'], RequestMethod> = { get: RequestMethod.GET, post: RequestMethod.POST };
const publicHandlers = new WeakSet<object>();

/** `name` is the route's `operation`. The status is 202 where the route has it, else 200; a handler may set another. */
export function Operation(name: string): MethodDecorator {
  const route = ROUTES.find(({ operation }) => operation === name);
  if (route === undefined) throw new Error(`There is no operation ${name} in the contract.`);
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const remember: MethodDecorator = (_target, _key, descriptor) => {
    if (route.public === true) publicHandlers.add(descriptor.value as object);
  };
  return applyDecorators(RequestMapping({ method: METHODS[route.method], path }), HttpCode(202 in route.answers ? 202 : 200), remember);
}

/** Whether the route is there for those without a key. */
export function isPublic(handler: object): boolean {
  return publicHandlers.has(handler);
}
