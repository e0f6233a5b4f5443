/**
 * The proxy that the environment names for https addresses (`HTTPS_PROXY`, in lower case too); undefined when `NO_PROXY`
 * names one of the hosts, by itself or by the domain it is in, or all (`*`).
 * @param nodes addresses of the cluster; undefined: in Elastic's cloud
 */
export function proxyFor(nodes: readonly string[] | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const given = env.HTTPS_PROXY || env.https_proxy;
  if (!given) return undefined;
  const proxy = given.includes('://') ? given : `http://${given}`;
  const urls = (nodes ?? []).map((node) => new URL(node));
  if (urls.some(({ protocol }) => protocol !== 'https:')) return undefined;
  const direct = (env.NO_PROXY ?? env.no_proxy ?? '')
    .split(',')
    .map((entry) => entry.trim().replace(/^\*?\./, ''));
  const isDirect = (host: string): boolean =>
    direct.some((entry) => entry !== '' && (entry === '*' || host === entry || host.endsWith(`.${entry}`)));
  return urls.some(({ hostname }) => isDirect(hostname)) || direct.includes('*') ? undefined : proxy;
}
