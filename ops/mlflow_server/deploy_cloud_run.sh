#!/usr/bin/env bash
# Deploys the server to Cloud Run; cloud_run.md beside this file says what it makes and how it is used.
#
#   PROJECT=my-project REGION=europe-west3 INSTANCE=my-cloud-sql BUCKET=my-artifacts \
#     INVOKERS=group:risk@bank.example,serviceAccount:ci@my-project.iam.gserviceaccount.com \
#     ops/mlflow_server/deploy_cloud_run.sh
#
# The Cloud SQL instance (PostgreSQL) must exist. Everything else is made if it is missing, so it can be run again.
set -euo pipefail

: "${PROJECT:?expected the ID of a Google Cloud project}"
: "${REGION:?expected a region, such as europe-west3}"
: "${INSTANCE:?expected the name of a Cloud SQL instance (PostgreSQL) in that project}"
: "${BUCKET:?expected the name of the bucket for artifacts, without gs://}"
: "${INVOKERS:?expected who may reach the server, such as group:risk@bank.example, separated by commas}"
SERVICE="${SERVICE:-mlflow}"

cd "$(dirname "$0")"
account="$SERVICE-server@$PROJECT.iam.gserviceaccount.com"

in_project() { gcloud --project="$PROJECT" --quiet "$@"; }

# A random secret goes from one program to the next: it stands on no command line, on no screen and in no file.
random_secret() { openssl rand -hex 32 | tr -d '\n'; }

secret_is_missing() { ! in_project secrets describe "$1" >/dev/null 2>&1; }

in_project services enable run.googleapis.com sqladmin.googleapis.com secretmanager.googleapis.com \
  artifactregistry.googleapis.com cloudbuild.googleapis.com storage.googleapis.com

in_project iam service-accounts describe "$account" >/dev/null 2>&1 \
  || in_project iam service-accounts create "$SERVICE-server" --display-name="MLflow server"

# Artifacts: for the server alone.
in_project storage buckets describe "gs://$BUCKET" >/dev/null 2>&1 \
  || in_project storage buckets create "gs://$BUCKET" --location="$REGION" \
       --uniform-bucket-level-access --public-access-prevention
in_project storage buckets add-iam-policy-binding "gs://$BUCKET" \
  --member="serviceAccount:$account" --role=roles/storage.objectUser >/dev/null

# Secrets: random, and each readable by the server alone.
for name in admin-password secret-key database-password; do
  if secret_is_missing "$SERVICE-$name"; then
    random_secret | in_project secrets create "$SERVICE-$name" --data-file=-
  fi
  in_project secrets add-iam-policy-binding "$SERVICE-$name" \
    --member="serviceAccount:$account" --role=roles/secretmanager.secretAccessor >/dev/null
done

# The database, and the user whose password the server knows.
in_project sql databases describe mlflow --instance="$INSTANCE" >/dev/null 2>&1 \
  || in_project sql databases create mlflow --instance="$INSTANCE"
if [[ -z "$(in_project sql users list --instance="$INSTANCE" --filter=name=mlflow --format='value(name)')" ]]; then
  password="$(in_project secrets versions access latest --secret="$SERVICE-database-password")"
  in_project sql users create mlflow --instance="$INSTANCE" --flags-file=<(printf -- '--password: "%s"\n' "$password")
fi
in_project projects add-iam-policy-binding "$PROJECT" \
  --member="serviceAccount:$account" --role=roles/cloudsql.client --condition=None >/dev/null

connection="$(in_project sql instances describe "$INSTANCE" --format='value(connectionName)')"
number="$(in_project projects describe "$PROJECT" --format='value(projectNumber)')"
hosts="$SERVICE-$number.$REGION.run.app"
variables="^@^MLFLOW_DATABASE_HOST=/cloudsql/$connection"
variables+="@MLFLOW_ARTIFACTS_DESTINATION=gs://$BUCKET"
variables+="@MLFLOW_SERVER_ALLOWED_HOSTS=$hosts"
variables+="@MLFLOW_SERVER_MAX_ARTIFACT_MB=32"
variables+="@MLFLOW_DATABASE_PASSWORD_FILE=/secrets/database/password"
variables+="@MLFLOW_AUTH_ADMIN_PASSWORD_FILE=/secrets/admin/password"
variables+="@MLFLOW_FLASK_SERVER_SECRET_KEY_FILE=/secrets/session/key"
mounts="/secrets/database/password=$SERVICE-database-password:latest"
mounts+=",/secrets/admin/password=$SERVICE-admin-password:latest"
mounts+=",/secrets/session/key=$SERVICE-secret-key:latest"

in_project run deploy "$SERVICE" --region="$REGION" --source=. --service-account="$account" \
  --no-allow-unauthenticated --add-cloudsql-instances="$connection" \
  --set-env-vars="$variables" --set-secrets="$mounts" \
  --port=5000 --cpu=2 --memory=2Gi --concurrency=32 --timeout=900 --min-instances=1 --max-instances=2 \
  --startup-probe=httpGet.path=/health,periodSeconds=10,timeoutSeconds=5,failureThreshold=24

# A service has two names, and the second one is known only now; a proxy may call it by either.
url="$(in_project run services describe "$SERVICE" --region="$REGION" --format='value(status.url)')"
if [[ "${url#https://}" != "$hosts" ]]; then
  in_project run services update "$SERVICE" --region="$REGION" \
    --update-env-vars="^@^MLFLOW_SERVER_ALLOWED_HOSTS=$hosts,${url#https://}"
fi

IFS=',' read -ra members <<<"$INVOKERS"
for member in "${members[@]}"; do
  in_project run services add-iam-policy-binding "$SERVICE" --region="$REGION" \
    --member="$member" --role=roles/run.invoker >/dev/null
done

echo "deployed $url; people reach it by: gcloud run services proxy $SERVICE --project=$PROJECT --region=$REGION --port=5000"
