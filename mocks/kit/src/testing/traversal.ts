/** Spellings of a path that leaves its folder, as attackers and careless clients write them. */

/** All spellings of the way to `secret`, an absolute path that stands `name` one folder above the data folder. */
export function escapes(secret: string, name: string): readonly string[] {
  const climbs = [1, 2, 3, 4, 8].map((levels) => '../'.repeat(levels) + name)
  const plain = [
    ...climbs,
    secret,
    `/${secret}`,
    `x/../../../${name}`,
    `./../../${name}`,
    '../data/control-token',
  ]
  const spelled = plain.flatMap((path) => [
    path,
    path.replaceAll('../', '..%2f'),
    path.replaceAll('../', '%2e%2e/'),
    encodeURIComponent(path),
    encodeURIComponent(path).replaceAll('.', '%2e'),
    encodeURIComponent(encodeURIComponent(path)),
    path.replaceAll('/', '\\'),
    path.replaceAll('/', '%5c'),
    path.replaceAll('../', '....//'),
    path.replaceAll('../', '..;/'),
    path.replaceAll('..', '%c0%ae%c0%ae'),
    `${encodeURIComponent(path)}%00`,
    `${encodeURIComponent(path)}%00.png`,
  ])
  return [
    ...new Set([...spelled, `file://${secret}`, `~/${name}`, 'control-token', '%2e%2e', '..', '.', '/']),
  ]
}
