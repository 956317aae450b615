import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type BundleInput, bundleProgram } from './bundle.ts'

test('is one script with the data files of the program in it', async () => {
  const { input } = await fixture()
  const script = await bundleProgram(input)
  expect(script).toContain('hello from part')
  expect(script).toContain('from a data file')
  expect(script).not.toMatch(/from ["']\.\//)
})

test('the bundler does not run while nothing changed', async () => {
  const { input } = await fixture()
  const script = await bundleProgram(input)
  const made = await stat(join(input.folder, 'demo.json'))
  expect(await bundleProgram(input)).toBe(script)
  expect((await stat(join(input.folder, 'demo.json'))).ino).toBe(made.ino)
})

test.each([
  ['part.ts', 'hello FROM part'],
  ['data.json', 'FROM a data file'],
  ['lock.yaml', 'hello from part'],
])('a change of %s makes it anew', async (name, expected) => {
  const { input, folder } = await fixture()
  await bundleProgram(input)
  const made = await stat(join(input.folder, 'demo.json'))
  const text = await readFile(join(folder, name), 'utf8')
  await writeFile(join(folder, name), text.replace('from', 'FROM'))
  const script = await bundleProgram(input)
  expect((await stat(join(input.folder, 'demo.json'))).ino).not.toBe(made.ino)
  expect(script).toContain(expected)
})

test('a kept bundle that was altered is not believed', async () => {
  const { input } = await fixture()
  const script = await bundleProgram(input)
  await writeFile(join(input.folder, 'demo.mjs'), 'something else')
  expect(await bundleProgram(input)).toBe(script)
})

test('a program that cannot be bundled is an error that names it', async () => {
  const { input, folder } = await fixture()
  await writeFile(join(folder, 'part.ts'), 'export const part = (')
  await expect(bundleProgram(input)).rejects.toMatchObject({
    code: 'image-failed',
    message: expect.stringMatching(/^Cannot bundle demo: .*part\.ts/s),
  })
})

async function fixture(): Promise<{ input: BundleInput; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-bundle-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'kept'))
  const files = {
    'main.ts':
      "import data from './data.json' with { type: 'json' }\nimport { part } from './part.ts'\nconsole.log(part, data)\n",
    'part.ts': "export const part: string = 'hello from part'\n",
    'data.json': '{ "text": "from a data file" }',
    'lock.yaml': 'packages: from lock\n',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  const input = {
    name: 'demo',
    main: join(folder, 'main.ts'),
    lockFiles: [join(folder, 'lock.yaml')],
    folder: join(folder, 'kept'),
  }
  return { input, folder }
}
