import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'target/**', 'crates/**', '**/playwright-report/**', '**/test-results/**'] },
  js.configs.recommended,
  {
    files: ['sdk/*/src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Numbers in texts are the point of most texts here.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `return this.step()` from a function without a result keeps a switch one line per case.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Enums of codes are compared with codes from the wire.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Callers written in JavaScript pass anything: checks that types call needless are wanted.
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    files: ['sdk/*/test/**/*.ts', 'tests/**/*.ts', 'web/**/*.ts'],
    extends: [tseslint.configs.strict],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly', setTimeout: 'readonly', Buffer: 'readonly' } },
  },
  { rules: { 'no-undef': 'off' } },
);
