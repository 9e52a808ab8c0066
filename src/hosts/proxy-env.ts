export { proxyEnv } from '../model/proxy-env';
