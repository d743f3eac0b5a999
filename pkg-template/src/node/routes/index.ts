export { createRouteResolver, type ProxyOption } from './resolver.js';
export {
  type DirectRoute,
  hostPort,
  type ProxyRoute,
  type Route,
  type RouteResolver,
  type Routes,
  routeName,
} from './route.js';
