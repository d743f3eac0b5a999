// The built package's half for Node.

export * from '../../../pkg/dist/node/index.js'
