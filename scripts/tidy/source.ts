/**
 * The files that the rules look at, and what a rule may know of one: text, syntax tree, imports. The parser is
 * the one inside Vite, because TypeScript 7 has none for JavaScript programs.
 */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type ESTree, parseSync } from 'vite'

/** `from`: path of the imported file relative to the root, or the bare specifier of a package. */
export type Import = { readonly from: string; readonly line: number; readonly typeOnly: boolean }

export type SourceFile = {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly text: string
  /** A test, or a contract that several tests run. */
  readonly isTest: boolean
  readonly imports: readonly Import[]
  readonly body: ESTree.Program['body']
  lineOf(offset: number): number
}

const folders = 'harness,netem,client,subjects,mocks,suites,bench,scripts'

/** All source files of the repository at `root`. */
export function readSources(root: string): SourceFile[] {
  const found = globSync([`{${folders}}/**/*.{ts,mjs}`, '*.ts'], {
    cwd: root,
    exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name),
  })
  return found
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
    .toSorted()
    .map((file) => parseSource(file, readFileSync(path.join(root, file), 'utf8')))
}

/** @param file path relative to the root; decides what relative imports mean */
export function parseSource(file: string, text: string): SourceFile {
  const { program, module } = parseSync(file, text)
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const toImport = (specifier: string, offset: number, typeOnly: boolean): Import => ({
    from: specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier,
    line: lineOf(offset),
    typeOnly,
  })
  const imports = [
    ...module.staticImports.map(({ moduleRequest, start, entries }) =>
      toImport(moduleRequest.value, start, entries.length > 0 && entries.every((entry) => entry.isType)),
    ),
    ...module.staticExports.flatMap(({ start, entries }) =>
      entries.flatMap((entry) =>
        entry.moduleRequest ? [toImport(entry.moduleRequest.value, start, entry.isType)] : [],
      ),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest }) => {
      const literal = /^['"`](.*)['"`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
      return literal?.[1] === undefined ? [] : [toImport(literal[1], moduleRequest.start, false)]
    }),
  ]
  return {
    path: file,
    text,
    isTest: file.endsWith('.test.ts') || file.endsWith('contract.ts'),
    imports,
    body: program.body,
    lineOf,
  }
}
