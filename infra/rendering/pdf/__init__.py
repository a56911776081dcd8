"""PDFs from HTML: tagged (PDF/UA-1), fonts embedded, drawn by a process with little power."""

from infra.rendering.pdf.renderer import PdfUnavailable, render_pdf, start_drawing_process

__all__ = ["PdfUnavailable", "render_pdf", "start_drawing_process"]
