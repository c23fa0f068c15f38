FROM python:3.11-slim

WORKDIR /app
COPY constraints constraints
RUN pip install --no-cache-dir --constraint constraints/no-cuda.txt \
      --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0
COPY pyproject.toml README.md ./
COPY core core
COPY knowledge_base knowledge_base
COPY handoff handoff
COPY nlu nlu
COPY metrics metrics
COPY bot bot
RUN pip install --no-cache-dir --constraint constraints/no-cuda.txt '.[model]' \
 && useradd --create-home replydesk && install -d -o replydesk /data

USER replydesk
ENV REPLYDESK_DATA_DIR=/data REPLYDESK_LOG_FORMAT=json
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz')"]
CMD ["sh", "-c", "replydesk db upgrade && exec replydesk serve --host 0.0.0.0"]
