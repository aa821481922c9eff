// SPDX-License-Identifier: Apache-2.0
import 'pdfjs-dist/build/pdf.worker.mjs';
