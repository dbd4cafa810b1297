import { defineConfig } from "vitest/config";

/** The output has no hashes, times or paths in it: the same sources build the same bytes. */
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "kernelserve.js", cssFileName: "kernelserve" },
    outDir: "../kernelserve/widget/static",
    emptyOutDir: false,
    target: "es2022",
    minify: "esbuild",
    sourcemap: false,
    reportCompressedSize: true,
  },
  test: { environment: "happy-dom", setupFiles: ["test/setup.ts"], include: ["test/**/*.test.{ts,tsx}"], restoreMocks: true },
});
