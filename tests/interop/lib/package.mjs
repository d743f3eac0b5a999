// The built package, as `cargo xtask build` left it.

export * from '../../../pkg/dist/index.js'
